"""Tiny random image models in the layout of their repositories: real code, noise for weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny_video_models import tokenizer

CHAT = "{% for m in messages %}{{ m['content'] }} {% endfor %}"


def klein(root: Path) -> Path:
    """FLUX.2 klein: draws from words and up to some pictures, about 1 MB."""
    import diffusers
    import torch
    import transformers

    torch.manual_seed(0)
    words = tokenizer()
    words.chat_template = CHAT
    text = transformers.Qwen3Config(
        vocab_size=16,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=28,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
    )
    diffusers.Flux2KleinPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=diffusers.AutoencoderKLFlux2(
            down_block_types=("DownEncoderBlock2D",),
            up_block_types=("UpDecoderBlock2D",),
            block_out_channels=(4,),
            layers_per_block=1,
            latent_channels=1,
            norm_num_groups=1,
            use_quant_conv=False,
            use_post_quant_conv=False,
        ),
        text_encoder=transformers.Qwen3ForCausalLM(text),
        tokenizer=words,
        transformer=diffusers.Flux2Transformer2DModel(
            patch_size=1,
            in_channels=4,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=48,
            timestep_guidance_channels=256,
            axes_dims_rope=[4, 4, 4, 4],
        ),
        is_distilled=True,
    ).save_pretrained(root)
    return root


def hidream(root: Path) -> Path:
    """HiDream-I1 with its four text encoders, the fourth in a folder beside it: about 3 MB."""
    import diffusers
    import torch
    import transformers

    torch.manual_seed(0)
    clip: dict[str, Any] = {
        "vocab_size": 16,
        "hidden_size": 32,
        "intermediate_size": 37,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "max_position_embeddings": 128,
        "projection_dim": 32,
        "pad_token_id": 0,
        "bos_token_id": 2,
        "eos_token_id": 1,
    }
    t5 = transformers.T5Config(
        vocab_size=16, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4
    )
    llama = transformers.LlamaConfig(
        vocab_size=16,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
    )
    words = tokenizer()
    words.model_max_length = 128
    encoder = root.with_name("llama")
    transformers.LlamaForCausalLM(llama).save_pretrained(encoder)
    words.save_pretrained(encoder)
    diffusers.HiDreamImagePipeline(
        scheduler=diffusers.FlowMatchLCMScheduler(),
        vae=diffusers.AutoencoderKL(
            block_out_channels=(4,),
            norm_num_groups=1,
            latent_channels=4,
            scaling_factor=0.3611,
            shift_factor=0.1159,
        ),
        text_encoder=transformers.CLIPTextModelWithProjection(transformers.CLIPTextConfig(**clip)),
        tokenizer=words,
        text_encoder_2=transformers.CLIPTextModelWithProjection(
            transformers.CLIPTextConfig(**clip)
        ),
        tokenizer_2=words,
        text_encoder_3=transformers.T5EncoderModel(t5),
        tokenizer_3=words,
        text_encoder_4=None,
        tokenizer_4=None,
        transformer=diffusers.HiDreamImageTransformer2DModel(
            patch_size=2,
            in_channels=4,
            out_channels=4,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=8,
            num_attention_heads=4,
            caption_channels=[32, 16],
            text_emb_dim=64,
            num_routed_experts=4,
            num_activated_experts=2,
            axes_dims_rope=(4, 2, 2),
            max_resolution=(128, 128),
            llama_layers=(0, 1),
        ),
    ).save_pretrained(root)
    return root
