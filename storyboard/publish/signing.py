"""Keys that films are signed with: a folder with `certificate.pem` (the chain, the signer's first)
and `key.pem`; or a pair made on this machine, once, where nobody vouches for the name in it.

Knows: keys and certificates as C2PA wants them. Does not know: what is signed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from storyboard.core.directory import Directory
from storyboard.core.errors import UsageError
from storyboard.profile.installed import data_directory

LOCAL = "local"
"""What the pair of this machine is called on the command line."""
LOCAL_NAME = "Storyboard on one machine, vouched for by nobody"
CERTIFICATE, KEY = "certificate.pem", "key.pem"
_VALID = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs. `algorithm` is C2PA's name for it."""

    name: str
    algorithm: str
    certificates: bytes
    """PEM, the signer's first, up to but without need of the root."""
    key: bytes = field(repr=False)
    """PEM, PKCS #8."""

    @property
    def local(self) -> bool:
        return self.name == LOCAL_NAME


def signer_of(given: str) -> Signer:
    """The signer of a folder, or of this machine (`local`: made when first asked for).

    Raises:
        UsageError: there is no such pair, or it is none that a film can be signed with.
    """
    folder = data_directory() / "signing" if given == LOCAL else Path(given).expanduser()
    if given == LOCAL and not (folder / KEY).is_file():
        _make_pair(folder)
    try:
        certificates = (folder / CERTIFICATE).read_bytes()
        key = (folder / KEY).read_bytes()
    except OSError as error:
        raise UsageError(
            f"--sign: {error.filename}: {error.strerror}; name a folder that holds {CERTIFICATE} "
            f"(your chain, your own first) and {KEY}, or say --sign {LOCAL} for a key of this machine"
        ) from error
    try:
        first = x509.load_pem_x509_certificates(certificates)[0]
        private = load_pem_private_key(key, password=None)
    except (ValueError, TypeError) as error:
        raise UsageError(f"--sign: {folder} holds no usable pair in PEM form: {error}") from error
    if private.public_key() != first.public_key():
        raise UsageError(f"--sign: {folder / KEY} does not belong to the first of {CERTIFICATE}")
    now = datetime.now(UTC)
    if not first.not_valid_before_utc <= now <= first.not_valid_after_utc:
        raise UsageError(
            f"--sign: the certificate in {folder} is valid from {first.not_valid_before_utc:%F} to "
            f"{first.not_valid_after_utc:%F}, not today"
        )
    common = first.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(common[0].value) if common else first.subject.rfc4514_string()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Signer(name, _algorithm(private, folder), certificates, pem)


def _algorithm(key: object, folder: Path) -> str:
    match key:
        case ec.EllipticCurvePrivateKey() if key.curve.name in ("secp256r1", "secp384r1"):
            return "es256" if key.curve.name == "secp256r1" else "es384"
        case ed25519.Ed25519PrivateKey():
            return "ed25519"
        case rsa.RSAPrivateKey() if key.key_size >= 2048:
            return "ps256"
        case _:
            raise UsageError(
                f"--sign: the key in {folder} is none that C2PA allows: P-256, P-384, Ed25519, or "
                "RSA from 2048 bits"
            )


def _make_pair(folder: Path) -> None:
    """A root and a signer of this machine; the root's key is thrown away."""
    now = datetime.now(UTC)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name, name = _name(f"{LOCAL_NAME} (root)"), _name(LOCAL_NAME)
    root = _certificate(root_name, root_name, root_key.public_key(), now).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    root = root.add_extension(_usage(signs_certificates=True), critical=True)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    leaf = _certificate(name, root_name, key.public_key(), now).add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    leaf = leaf.add_extension(_usage(signs_certificates=False), critical=True)
    leaf = leaf.add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
    ).add_extension(issuer, critical=False)
    chain = (leaf, root)
    signed = [builder.sign(root_key, hashes.SHA256()) for builder in chain]
    files = Directory(folder)
    files.make()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files.write(KEY, pem, secret=True)
    files.write(CERTIFICATE, b"".join(c.public_bytes(Encoding.PEM) for c in signed))


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "a local key of Storyboard"),
        ]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # Clocks differ a little from machine to machine.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
