#include <arpa/inet.h>

#include "dead_servers.h"
#include "tap.h"

static struct hosts hosts;

static void
growing(void)
{
	struct dead_servers s = {0};
	const struct host *h = &hosts.list[0];
	ok(!dead_servers_has(&s, h, 0), "alive");
	dead_servers_note(&s, h, 1000);
	ok(dead_servers_has(&s, h, 1000 + DEAD_FIRST_MS - 1), "left alone");
	dead_servers_note(&s, h, 2000);
	ok(!dead_servers_has(&s, h, 1000 + DEAD_FIRST_MS), "for so long, whatever else fails");
	dead_servers_note(&s, h, 20000);
	ok(dead_servers_has(&s, h, 20000 + 2 * DEAD_FIRST_MS - 1), "twice as long");
	int64_t now = 100000;
	for (int i = 0; i < 40; i++, now += DEAD_MOST_MS)
		dead_servers_note(&s, h, now);
	ok(!dead_servers_has(&s, h, now + DEAD_MOST_MS), "but not for ever");
	dead_servers_forget(&s, h);
	ok(!dead_servers_has(&s, h, 0), "it came back");
	dead_servers_note(&s, h, now);
	ok(!dead_servers_has(&s, h, now + DEAD_FIRST_MS), "and begins anew");
	dead_servers_release(&s);
}

static void
passing(void)
{
	struct dead_servers s = {0};
	ok(dead_servers_pass(&s, &hosts, 0, 0) == 0, "none is dead");
	dead_servers_note(&s, &hosts.list[0], 0);
	ok(dead_servers_pass(&s, &hosts, 0, 1) == 1, "the next");
	dead_servers_note(&s, &hosts.list[2], 0);
	ok(dead_servers_pass(&s, &hosts, 2, 1) == 2, "all behind are dead");
	dead_servers_note(&s, &hosts.list[1], 0);
	ok(dead_servers_pass(&s, &hosts, 0, 1) == 0, "all are dead");
	dead_servers_release(&s);
}

static void
many(void)
{
	struct dead_servers s = {0};
	struct hosts one = {0};
	struct ip ip = {AF_INET, {10}};
	(void)hosts_add(&one, "h", 0, &ip, 25);
	struct sockaddr_in *in = (struct sockaddr_in *)&one.list[0].addr;
	for (uint32_t i = 0; i < 20000; i++) {
		in->sin_addr.s_addr = htonl(0x0a000000 + i);
		dead_servers_note(&s, &one.list[0], i);
	}
	ok(dead_servers_has(&s, &one.list[0], 20001), "the latest of very many is known");
	in->sin_addr.s_addr = htonl(0x0a000000);
	ok(!dead_servers_has(&s, &one.list[0], 20001), "the first is forgotten");
	hosts_release(&one);
	dead_servers_release(&s);
}

int
main(void)
{
	struct ip ip = {AF_INET, {192, 0, 2, 0}};
	for (unsigned char i = 1; i <= 3; i++) {
		ip.octets[3] = i;
		(void)hosts_add(&hosts, "h", 0, &ip, 25);
	}
	growing();
	passing();
	many();
	hosts_release(&hosts);
	return done();
}
