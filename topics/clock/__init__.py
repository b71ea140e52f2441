"""The clock: ticks are events, and a watermark (DESIGN 5)."""
