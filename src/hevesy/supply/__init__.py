"""Supply: generators, orders and the plan of a day."""
