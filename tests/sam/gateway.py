"""Prints the address by which a container reaches this machine: the gateway of the engine's bridge."""

import ipaddress
import json

import docker

bridge = docker.from_env().networks.get("bridge").attrs["IPAM"]["Config"][0]
# Some engines say only the network, whose first address is the gateway then.
first = next(ipaddress.ip_network(bridge["Subnet"]).hosts())
print(json.dumps(bridge.get("Gateway", str(first))))
