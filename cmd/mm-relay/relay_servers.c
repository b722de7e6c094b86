#include <stdlib.h>
#include <sys/random.h>

#include "num.h"
#include "relay_servers.h"

int
relay_server_parse(struct str where, int default_port, char **host, int *port)
{
	struct str name = where, number = STR_NONE;
	if (where.n && where.p[0] == '[') {
		const char *end = memchr(where.p, ']', where.n);
		if (!end)
			return -1;
		name = str_n(where.p + 1, (size_t)(end - where.p) - 1);
		struct str rest = str_skip(where, name.n + 2);
		if (rest.n && rest.p[0] != ':')
			return -1;
		number = rest.n ? str_skip(rest, 1) : STR_NONE;
	} else {
		struct str rest = where, first = str_cut(&rest, ':');
		if (rest.p && !memchr(rest.p, ':', rest.n))
			name = first, number = rest;
	}
	*port = default_port;
	if (name.n == 0 || (number.p && num_int(number, 1, 65535, port) < 0))
		return -1;
	*host = str_dup(name);
	return 0;
}

void
relay_servers_add(struct relay_servers *s, struct str host, int port)
{
	s->list[s->n++] = (struct relay_server){.host = str_dup(host), .port = port};
}

static int
by_priority(const void *a, const void *b)
{
	const struct relay_server *x = a, *y = b;
	return (x->priority > y->priority) - (x->priority < y->priority);
}

/* A number that SRV could have. */
static bool
read_number(const json_t *object, const char *key, int *out)
{
	const json_t *value = json_object_get(object, key);
	json_int_t n = json_integer_value(value);
	if (!value)
		return true;
	if (!json_is_integer(value) || n < 0 || n > 65535)
		return false;
	*out = (int)n;
	return true;
}

const char *
relay_servers_read(struct relay_servers *s, const json_t *list, int default_port, size_t *bad)
{
	json_t *item;
	size_t i;
	json_array_foreach (list, i, item) {
		*bad = i;
		struct relay_server one = {0};
		struct str where = json_str(item, "Server");
		if (s->n == RELAY_MAX_SERVERS)
			return "16 servers at most";
		if (!where.p ||
			relay_server_parse(where, default_port, &one.host, &one.port) < 0)
			return "\"Server\": \"HOST\" or \"HOST:PORT\"";
		s->list[s->n] = one;
		struct relay_server *added = &s->list[s->n++];
		if (!read_number(item, "Priority", &added->priority) ||
			!read_number(item, "Weight", &added->weight))
			return "\"Priority\" and \"Weight\" from 0 to 65535";
	}
	/* Insertion, for it is stable: among equals the list's order counts. */
	for (i = 1; i < s->n; i++)
		for (size_t k = i; k > 0 && by_priority(&s->list[k - 1], &s->list[k]) > 0;
			k--) {
			struct relay_server swap = s->list[k];
			s->list[k] = s->list[k - 1];
			s->list[k - 1] = swap;
		}
	return NULL;
}

uint32_t
relay_random(uint32_t below)
{
	uint64_t n;
	if (getrandom(&n, sizeof(n), 0) != sizeof(n))
		n = 0;
	return (uint32_t)(n % below);
}

/* RFC 2782: which of these n (indexes) is next.  Those without weight come first in the
 * running sum, so that they have a small chance beside others; where there are none, its
 * 0 would only favour the first. */
static size_t
draw(const struct relay_servers *s, const size_t *left, size_t n, relay_lot *lot)
{
	uint32_t sum = 0, running = 0;
	size_t weightless = n;
	for (size_t i = n; i-- > 0;) {
		sum += (uint32_t)s->list[left[i]].weight;
		weightless = s->list[left[i]].weight ? weightless : i;
	}
	if (sum == 0)
		return 0;
	uint32_t mark = weightless < n ? lot(sum + 1) : 1 + lot(sum);
	if (mark == 0)
		return weightless;
	size_t i = 0;
	while ((running += (uint32_t)s->list[left[i]].weight) < mark)
		i++;
	return i;
}

/* The end of those that have the priority of the one at `at`. */
static size_t
group_end(const struct relay_servers *s, size_t at)
{
	size_t i = at;
	while (i < s->n && s->list[i].priority == s->list[at].priority)
		i++;
	return i;
}

static size_t
group_start(const struct relay_servers *s, size_t at)
{
	while (at > 0 && s->list[at - 1].priority == s->list[at].priority)
		at--;
	return at;
}

size_t
relay_servers_first(const struct relay_servers *s, relay_lot *lot)
{
	size_t left[RELAY_MAX_SERVERS], n = group_end(s, 0);
	for (size_t i = 0; i < n; i++)
		left[i] = i;
	return left[draw(s, left, n, lot)];
}

static size_t
order_group(
	const struct relay_servers *s, size_t from, size_t skip, relay_lot *lot, size_t *out)
{
	size_t left[RELAY_MAX_SERVERS] = {0}, n = 0, given = 0;
	for (size_t i = from; i < group_end(s, from); i++)
		if (i != skip)
			left[n++] = i;
	while (n) {
		size_t k = draw(s, left, n, lot);
		out[given++] = left[k];
		memmove(&left[k], &left[k + 1], (--n - k) * sizeof(*left));
	}
	return given;
}

void
relay_servers_order(const struct relay_servers *s, size_t first, relay_lot *lot,
	size_t order[RELAY_MAX_SERVERS])
{
	size_t n = 0, own = group_start(s, first);
	order[n++] = first;
	n += order_group(s, own, first, lot, order + n);
	for (size_t at = 0; at < s->n; at = group_end(s, at))
		if (at != own)
			n += order_group(s, at, first, lot, order + n);
}

void
relay_servers_release(struct relay_servers *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->list[i].host);
	*s = (struct relay_servers){0};
}
