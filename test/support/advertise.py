# SPDX-License-Identifier: MIT
"""Sends router advertisements (RFC 4861 section 4.2) out of one interface, one for each line that it reads.

    advertise.py INTERFACE LIFETIME

LIFETIME is that of the default route in seconds. Answers each line with one when the advertisement is out.
"""
import socket
import struct
import sys

interface, lifetime = sys.argv[1], int(sys.argv[2])
sender = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
# A receiver takes an advertisement only with the hop limit that no router has lessened.
sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
# Type, code, checksum (the kernel's work), hop limit, flags, router lifetime, reachable time, retransmission timer.
message = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, lifetime, 0, 0)
everybody = ("ff02::1", 0, 0, socket.if_nametoindex(interface))
for _ in sys.stdin:
    sender.sendto(message, everybody)
    print("sent", flush=True)
