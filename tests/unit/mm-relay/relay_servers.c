#include <stdlib.h>

#include "relay_servers.h"
#include "tap.h"

static uint32_t mark; /* what the lot gives; more than there is: the most */

static uint32_t
lot(uint32_t below)
{
	return mark < below ? mark : below - 1;
}

static const char *
read_text(struct relay_servers *s, const char *text, size_t *bad)
{
	json_t *list = json_loads(text, 0, NULL);
	*s = (struct relay_servers){0};
	const char *wrong = relay_servers_read(s, list, 587, bad);
	json_decref(list);
	return wrong;
}

static void
parse_one(const char *text, const char *host, int port)
{
	char *got = NULL;
	int got_port = 0;
	int rc = relay_server_parse(str_of(text), 25, &got, &got_port);
	ok(host ? rc == 0 && strcmp(got, host) == 0 && got_port == port : rc < 0, "%s", text);
	free(got);
}

static void
names(void)
{
	parse_one("a.example", "a.example", 25);
	parse_one("a.example:2525", "a.example", 2525);
	parse_one("[2001:db8::1]:26", "2001:db8::1", 26);
	parse_one("[2001:db8::1]", "2001:db8::1", 25);
	parse_one("2001:db8::1", "2001:db8::1", 25);
	parse_one("", NULL, 0);
	parse_one(":25", NULL, 0);
	parse_one("a:", NULL, 0);
	parse_one("a:0", NULL, 0);
	parse_one("a:65536", NULL, 0);
	parse_one("a:2 5", NULL, 0);
	parse_one("[::1", NULL, 0);
	parse_one("[::1]25", NULL, 0);
	parse_one("[]", NULL, 0);
}

/* "b a c" */
static void
order_is(const struct relay_servers *s, size_t first, const char *expected, const char *name)
{
	size_t order[RELAY_MAX_SERVERS];
	char got[4 * RELAY_MAX_SERVERS] = "";
	relay_servers_order(s, first, lot, order);
	for (size_t i = 0; i < s->n; i++) {
		strcat(got, i ? " " : "");
		strcat(got, s->list[order[i]].host);
	}
	is_str(got, expected, name);
}

static void
orders(void)
{
	struct relay_servers s;
	size_t bad;
	ok(!read_text(&s, "[{\"Server\":\"a\"},{\"Server\":\"b:1\"},{\"Server\":\"c\"}]", &bad),
		"a list");
	ok(s.list[0].port == 587 && s.list[1].port == 1, "ports");
	mark = 7;
	is_int((long long)relay_servers_first(&s, lot), 0, "without weights the first");
	order_is(&s, 0, "a b c", "in the order of the list");
	relay_servers_release(&s);

	ok(!read_text(&s,
		   "[{\"Server\":\"z\",\"Priority\":9},{\"Server\":\"a\",\"Weight\":1},"
		   "{\"Server\":\"b\",\"Weight\":3},{\"Server\":\"c\"}]",
		   &bad),
		"weights");
	mark = 0;
	is_str(s.list[relay_servers_first(&s, lot)].host, "c", "0: one without weight");
	mark = 1;
	is_str(s.list[relay_servers_first(&s, lot)].host, "a", "1: the first");
	mark = 2;
	is_str(s.list[relay_servers_first(&s, lot)].host, "b", "2: the second");
	mark = 4;
	is_str(s.list[relay_servers_first(&s, lot)].host, "b", "4: likewise");
	order_is(
		&s, 1, "b a c z", "the heavy before those without weight, priority before all");
	relay_servers_release(&s);
}

static void
spread(void)
{
	struct relay_servers s;
	size_t bad, n[2] = {0};
	(void)read_text(
		&s, "[{\"Server\":\"a\",\"Weight\":1},{\"Server\":\"b\",\"Weight\":3}]", &bad);
	for (int i = 0; i < 4000; i++)
		n[relay_servers_first(&s, relay_random)]++;
	ok(n[0] > 800 && n[0] < 1200, "a quarter goes to the first: %zu of 4000", n[0]);
	relay_servers_release(&s);
}

static void
bad_input(void)
{
	static const struct {
		const char *text, *expected;
		size_t at;
	} cases[] = {
		{"[{\"Server\":\"a\"},{\"Server\":7}]", "\"Server\": \"HOST\" or \"HOST:PORT\"",
			1},
		{"[{}]", "\"Server\": \"HOST\" or \"HOST:PORT\"", 0},
		{"[{\"Server\":\"a:99999\"}]", "\"Server\": \"HOST\" or \"HOST:PORT\"", 0},
		{"[{\"Server\":\"a\",\"Weight\":65536}]",
			"\"Priority\" and \"Weight\" from 0 to 65535", 0},
		{"[{\"Server\":\"a\",\"Priority\":-1}]",
			"\"Priority\" and \"Weight\" from 0 to 65535", 0},
		{"[{\"Server\":\"a\",\"Priority\":1.5}]",
			"\"Priority\" and \"Weight\" from 0 to 65535", 0},
		{"[\"a\"]", "\"Server\": \"HOST\" or \"HOST:PORT\"", 0},
	};
	struct relay_servers s;
	size_t bad;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		is_str(read_text(&s, cases[i].text, &bad), cases[i].expected, cases[i].text);
		ok(bad == cases[i].at, "and where");
		relay_servers_release(&s);
	}
	json_t *list = json_array();
	for (int i = 0; i < RELAY_MAX_SERVERS + 1; i++)
		json_array_append_new(list, json_pack("{s:s}", "Server", "a"));
	s = (struct relay_servers){0};
	is_str(relay_servers_read(&s, list, 25, &bad), "16 servers at most", "too many");
	relay_servers_release(&s);
	json_decref(list);
}

int
main(void)
{
	names();
	orders();
	spread();
	bad_input();
	return done();
}
