# SPDX-License-Identifier: MIT
# What any user can try against a lock: listens on the abstract socket of each NAME, and opens the file of it in FOLDER,
# which it locks if it may. Says `held NAMES` with what it has got, and keeps it. `squatter.pl FOLDER NAME…`
use strict;
use Fcntl ':flock';
use Socket;

my ($folder, @names) = @ARGV;
my (@keep, @held);
for my $name (@names) {
    socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or die $!;
    push @held, "\@$name" if bind($socket, pack('S a*', AF_UNIX, "\0$name")) && listen($socket, 16);
    push @keep, $socket;
}
for my $path (glob("$folder $folder/*")) {
    for my $mode ('+<', '<') {
        open(my $file, $mode, $path) or next;
        push @held, $path if flock($file, LOCK_EX | LOCK_NB);
        push @keep, $file;
    }
}
$| = 1;
print "held @held\n";
sleep;
