"""How the service's database came to be, step by step."""
