/* "Servers" of a relay: read or refused, and put in order. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "relay_servers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *list = json_loadb((const char *)data, size, 0, NULL);
	struct relay_servers s = {0};
	size_t bad, order[RELAY_MAX_SERVERS], seen = 0;
	const char *wrong = relay_servers_read(&s, list, 25, &bad);
	if (!wrong && s.n) {
		relay_servers_order(
			&s, relay_servers_first(&s, relay_random), relay_random, order);
		for (size_t i = 0; i < s.n; i++)
			seen |= (size_t)1 << order[i];
		if (seen != ((size_t)1 << s.n) - 1)
			abort();
	}
	relay_servers_release(&s);
	json_decref(list);
	return 0;
}
