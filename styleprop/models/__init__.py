"""The networks, each built from its config."""
