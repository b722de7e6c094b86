#!/usr/bin/perl
# dkim-oracle.pl verify ZONE <stream: by Mail::DKIM; a line "ID dkim=D,D arc=A" a record.
# dkim-oracle.pl sign KEY SELECTOR DOMAIN <stream >stream: each record signed by it.
# dkim-oracle.pl seal KEY SELECTOR DOMAIN AUTHSERV-ID <stream >stream: sealed by it.
# ZONE has lines "NAME TXT"; KEY is a PEM RSA key.
use strict;
use warnings;
use Mail::DKIM::ARC::Signer;
use Mail::DKIM::ARC::Verifier;
use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;
use Net::DNS::RR;

my %zone;

{
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ($name, $type) = @_;
        return unless defined $zone{lc $name};
        my @strings = unpack '(a200)*', $zone{lc $name};
        return Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => \@strings);
    };
}

sub each_record {
    my ($take) = @_;
    binmode STDIN;
    binmode STDOUT;
    while (defined(my $line = <STDIN>)) {
        my ($n) = $line =~ /^mail 1 (\d+)$/ or die "no record: $line";
        my ($head, $id) = ('', '');
        while (defined($line = <STDIN>) && $line ne "\n") {
            $head .= $line;
            $id = $1 if $line =~ /^id: (.*)$/;
        }
        my $octets = '';
        read(STDIN, $octets, $n) == $n or die 'short record';
        $take->($id, $head, $octets);
    }
}

sub feed {
    my ($dkim, $octets) = @_;
    $dkim->PRINT($octets);
    $dkim->CLOSE;
    return $dkim;
}

sub put {
    my ($head, $octets) = @_;
    print 'mail 1 ', length $octets, "\n", $head, "\n", $octets;
}

my ($command, @args) = @ARGV;
if ($command eq 'verify') {
    open my $in, '<', $args[0] or die "$args[0]: $!";
    while (<$in>) {
        chomp;
        my ($name, $text) = split / /, $_, 2;
        $zone{$name} = $text;
    }
    each_record(sub {
        my ($id, $head, $octets) = @_;
        my $dkim = feed(Mail::DKIM::Verifier->new, $octets);
        my $arc = feed(Mail::DKIM::ARC::Verifier->new, $octets);
        print "$id dkim=", join(',', map { $_->result } $dkim->signatures), ' arc=',
            $arc->result, "\n";
    });
} elsif ($command eq 'sign') {
    my @ways = map { my $h = $_; map { "$h/$_" } qw(simple relaxed) } qw(simple relaxed);
    my $i = 0;
    each_record(sub {
        my ($id, $head, $octets) = @_;
        my $dkim = feed(Mail::DKIM::Signer->new(
            Algorithm => 'rsa-sha256', Method => $ways[$i++ % 4], Domain => $args[2],
            Selector => $args[1], KeyFile => $args[0]), $octets);
        put($head, $dkim->signature->as_string . "\r\n" . $octets);
    });
} else {
    each_record(sub {
        my ($id, $head, $octets) = @_;
        $octets = "Authentication-Results: $args[3]; none\r\n$octets";
        my $arc = feed(Mail::DKIM::ARC::Signer->new(
            Algorithm => 'rsa-sha256', Domain => $args[2], SrvId => $args[3],
            Selector => $args[1], KeyFile => $args[0], Chain => 'none'), $octets);
        put($head, $arc->as_string . $octets) if $arc->result eq 'sealed';
        put($head, $octets) if $arc->result ne 'sealed';
    });
}
