"""The catalogue: what topics there are. One declaration per topic, everything else derived."""
