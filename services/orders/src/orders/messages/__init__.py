"""The service's domain ⇄ the contracts: nothing else here imports them."""
