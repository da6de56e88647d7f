"""What is written, as it is said: numbers, signs, addresses and foreign letters become words."""
