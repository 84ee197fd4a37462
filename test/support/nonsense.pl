# SPDX-License-Identifier: MIT
# Sends packets that are nearly right: `nonsense.pl WHAT COUNT TARGET`. The same ones each time.
#   device   inner packets, out of the interface with index TARGET
#   port     data and control, to UDP port 50000 of the address TARGET, from port 50000
#   streams  TCP segments that follow each other, but for some bytes: what GRO would join
#   errors   ICMP errors to TARGET about packets of the tunnel from 192.0.2.1 to 192.0.2.2
use strict;
use Socket;

my ($what, $count, $target) = @ARGV;
srand 20240229;

sub junk { join '', map { chr int rand 256 } 1 .. shift }

sub spoil {
    my ($bytes, $times, $within) = @_;
    substr($bytes, int rand $within, 1) = junk(1) for 1 .. $times;
    return $bytes;
}

# An IP packet of $length bytes, by its first nibble and what it says of its length.
sub ip_like {
    my ($length) = @_;
    my $bytes = junk($length);
    my $told = rand() < 0.7 ? $length : int rand 2 * $length;
    if ($length >= 40 && rand() < 0.4) { substr($bytes, 0, 1) = "\x60"; substr($bytes, 4, 2) = pack 'n', $told > 40 ? $told - 40 : 0 }
    elsif ($length >= 20 && rand() < 0.6) { substr($bytes, 0, 1) = "\x45"; substr($bytes, 2, 2) = pack 'n', $told }
    return $bytes;
}

sub sum {
    my ($sum, $bytes) = (0, shift);
    $sum += $_ for unpack 'n*', length($bytes) % 2 ? "$bytes\0" : $bytes;
    $sum = ($sum >> 16) + ($sum & 0xffff) for 1 .. 2;
    return pack 'n', ~$sum & 0xffff;
}

sub to_device {
    socket(my $socket, 17, SOCK_RAW, 0) || die $!;    # AF_PACKET
    for my $i (1 .. $count) {
        my $protocol = (0x0800, 0x86dd, 0x0800, 0x86dd, 0x8100, 0x8847)[rand 6];
        # Some are refused as they are: of no length, or too long.
        send $socket, ip_like(int rand 300), 0, pack 'SnISCCa8', 17, $protocol, $target, 0, 0, 0, '';
    }
}

sub to_address {
    my ($protocol, $make) = @_;
    socket(my $socket, PF_INET, SOCK_RAW, $protocol) || die $!;
    send $socket, $make->($_), 0, sockaddr_in(0, inet_aton($target)) for 1 .. $count;
}

sub udp { pack('nnnn', 50000, 50000, 8 + length $_[0], 0) . $_[0] }

sub to_port {
    return udp(pack('CC', int rand 3, int rand 4) . junk(int rand 70)) if rand() < 0.3;
    return udp(ip_like(int rand 300));
}

sub segment {
    my $tcp = pack 'CCnnnCCnNNnnNNCCnnn', 0x45, 0, 540, $_[0], 0x4000, 64, 6, 0, 0x0a400002, 0x0a400001, 4000, 5000,
      $_[0] * 500, 1, 0x50, 0x10, 1000, 0, 0;
    return udp(spoil($tcp . 'x' x 500, int rand 3, 48));
}

sub icmp_error {
    my $sent = pack 'CCnnnCCnNNnnnn', 0x45, 0, 100, 1, 0x4000, 64, 17, 0, 0xc0000201, 0xc0000202, 50000, 50000, 80, 0;
    my $error = pack 'CCnnn', (3, 3, 3, 5, 11, 12)[rand 6], int rand 16, 0, 0, 1000 + int rand 1000;
    $error .= spoil($sent . junk(int rand 64), int rand 3, 28);
    substr($error, 2, 2) = sum($error);
    return $error;
}

$what eq 'device'  ? to_device()
: $what eq 'port'    ? to_address(17, \&to_port)
: $what eq 'streams' ? to_address(17, \&segment)
: $what eq 'errors'  ? to_address(1, \&icmp_error)
:                      die "nonsense.pl: $what?\n";
