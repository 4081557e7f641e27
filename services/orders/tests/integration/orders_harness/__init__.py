"""What the tests of orders share: the service on a real database, and the words of the other services."""
