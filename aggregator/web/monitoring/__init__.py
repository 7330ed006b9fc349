"""Whether all is well, for machines: `/healthz` for Docker and systemd, `/metrics` for Prometheus."""
