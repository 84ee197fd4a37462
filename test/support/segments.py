# SPDX-License-Identifier: MIT
"""
Sends and receives datagrams that the stack cuts up and puts together (UDP_SEGMENT, UDP_GRO), and streams. One process
for each namespace; its orders are lines of JSON, and each is answered by one:

  {"do": "send", "to": ADDRESS, "port": P, "flow": N, "gso": BOOL}   {"sent": segments} or {"error": NAME}
  {"do": "send-tight", "from": ADDRESS, "to": ADDRESS, "port": P, "flow": N}   the same, by IPv4 alone
  {"do": "take", "flow": N, "patience": SECONDS}                     {"whole", "broken", "twice", "late"}
  {"do": "stream", "to": ADDRESS, "bytes": N}                        {"bytes", "sha256"} or {"error": NAME}
  {"do": "take-stream"}                                              {"bytes", "sha256"}

It receives from the beginning: on port 7100 as sockets do, on port 7101 with UDP_GRO, streams on port 7102.
"""
import errno
import hashlib
import json
import select
import socket
import struct
import sys

SOL_UDP, UDP_SEGMENT, UDP_GRO, SO_RCVBUFFORCE = 17, 103, 104, 33
PLAIN_PORT, GRO_PORT, STREAM_PORT = 7100, 7101, 7102
ROOM = 16 << 20

# Bytes a segment, and segments a send. The last one of each send is shorter, as UDP_SEGMENT allows.
SIZES = (100, 600, 1200, 1404)
COUNTS = (1, 2, 7, 16, 40, 43, 43)
SHORTER = 9
HEADER = struct.Struct(">III")
NOISE = hashlib.shake_128(b"noise").digest(1 << 15)


def sends():
    """(bytes a segment, numbers and lengths of the segments) of each send: 608 segments in all."""
    number = 0
    for size in SIZES:
        for count in COUNTS:
            lengths = [size] * (count - 1) + [size - SHORTER]
            yield size, list(enumerate(lengths, number))
            number += count


LENGTHS = dict(segment for _, segments in sends() for segment in segments)


def segment(flow, number):
    """What a segment holds: who it is, and noise that begins elsewhere in each."""
    header = HEADER.pack(flow, number, LENGTHS[number])
    start = (flow * 911 + number * 31) % 16384
    return header + NOISE[start : start + LENGTHS[number] - HEADER.size]


def listen(kind, family, port):
    s = socket.socket(family, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind(("", port))
    return s


def receivers():
    for family in (socket.AF_INET, socket.AF_INET6):
        for port in (PLAIN_PORT, GRO_PORT):
            s = listen(socket.SOCK_DGRAM, family, port)
            s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
            if port == GRO_PORT:
                s.setsockopt(SOL_UDP, UDP_GRO, 1)
            s.setblocking(False)
            yield s


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def named(error):
    return {"error": errno.errorcode.get(error.errno, str(error))}


def send(to, port, flow, gso):
    s = socket.socket(family_of(to), socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
    s.connect((to, port))
    for size, segments in sends():
        contents = [segment(flow, number) for number, _ in segments]
        try:
            if gso:
                s.setsockopt(SOL_UDP, UDP_SEGMENT, size)
                s.send(b"".join(contents))
            else:
                for content in contents:
                    s.send(content)
        except OSError as error:
            return named(error)
    s.close()
    return {"sent": len(LENGTHS)}


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def tight(source, to, port, content):
    """A datagram and its headers, for a raw socket: in front of it the kernel leaves room for a link's header alone."""
    ends = socket.inet_aton(source) + socket.inet_aton(to)
    udp = struct.pack(">HHH", 7103, port, 8 + len(content))
    pseudo = ends + struct.pack(">HH", socket.IPPROTO_UDP, 8 + len(content))
    check = checksum(pseudo + udp + bytes(2) + content + bytes(len(content) % 2)) or 0xFFFF
    # The kernel fills in the length, the identification and the checksum of IPv4.
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 0, 0, 0, 64, socket.IPPROTO_UDP, 0) + ends
    return ip + udp + struct.pack(">H", check) + content


def send_tight(source, to, port, flow):
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
    try:
        for number in LENGTHS:
            s.sendto(tight(source, to, port, segment(flow, number)), (to, 0))
    except OSError as error:
        return named(error)
    s.close()
    return {"sent": len(LENGTHS)}


def datagrams(s):
    """All that have come; what UDP_GRO put together, apart again."""
    while True:
        try:
            data, ancillary, _, _ = s.recvmsg(1 << 16, 64)
        except BlockingIOError:
            return
        size = len(data)
        for level, kind, value in ancillary:
            if (level, kind) == (SOL_UDP, UDP_GRO):
                size = struct.unpack("=i", value[:4])[0]
        for at in range(0, len(data), size or 1):
            yield data[at : at + size]


def take(sockets, flow, patience):
    """Until each segment of the flow has come, or none comes any more."""
    seen, counts = set(), {"whole": 0, "broken": 0, "twice": 0, "late": 0}
    while len(seen) < len(LENGTHS):
        ready, _, _ = select.select(sockets, [], [], patience)
        if not ready:
            break
        for s in ready:
            for data in datagrams(s):
                of, number, _ = HEADER.unpack(data[: HEADER.size]) if len(data) >= HEADER.size else (flow, -1, 0)
                if of != flow:
                    counts["late"] += 1
                elif number not in LENGTHS or data != segment(flow, number):
                    counts["broken"] += 1
                elif number in seen:
                    counts["twice"] += 1
                else:
                    seen.add(number)
    return {**counts, "whole": len(seen)}


def stream(to, total):
    sha = hashlib.sha256()
    s = socket.socket(family_of(to), socket.SOCK_STREAM)
    s.settimeout(30)
    try:
        s.connect((to, STREAM_PORT))
        left = total
        while left > 0:
            block = NOISE[left % 997 :][: min(left, 1 << 15)]
            s.sendall(block)
            sha.update(block)
            left -= len(block)
    except OSError as error:
        return named(error)
    finally:
        s.close()
    return {"bytes": total, "sha256": sha.hexdigest()}


def take_stream(listeners):
    sha, total = hashlib.sha256(), 0
    ready, _, _ = select.select(listeners, [], [], 30)
    for listener in ready:
        s, _ = listener.accept()
        s.settimeout(30)
        try:
            while data := s.recv(1 << 16):
                sha.update(data)
                total += len(data)
        except OSError as error:
            return named(error)
        finally:
            s.close()
    return {"bytes": total, "sha256": sha.hexdigest()}


def main():
    sockets = list(receivers())
    listeners = [listen(socket.SOCK_STREAM, family, STREAM_PORT) for family in (socket.AF_INET, socket.AF_INET6)]
    for listener in listeners:
        listener.listen()
    print(json.dumps({"ready": len(LENGTHS)}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        do = order.pop("do")
        if do == "send":
            answer = send(**order)
        elif do == "send-tight":
            answer = send_tight(order.pop("from"), **order)
        elif do == "take":
            answer = take(sockets, **order)
        elif do == "stream":
            answer = stream(order["to"], order["bytes"])
        else:
            answer = take_stream(listeners)
        print(json.dumps(answer), flush=True)


main()
