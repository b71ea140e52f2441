"""What Prometheus is told: every metric, declared once, and the figures that come from state."""
