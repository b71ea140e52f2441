"""Says so and waits for ever."""

import signal

print("waits", flush=True)
signal.pause()
