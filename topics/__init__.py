"""What travels between the rooms of Ketenbus, and the only door to Kafka."""
