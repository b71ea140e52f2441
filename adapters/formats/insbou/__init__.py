"""What the formats INSBOU003 and INSBOU004 share: maintenance order and order response, whatever their names for it."""
