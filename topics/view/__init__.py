"""The bus's queryable memory: SQL filled from topics, offsets in the same database transaction, rebuilt by replay."""
