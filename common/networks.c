#include <stdlib.h>

#include "mem.h"
#include "networks.h"

static int
add_one(struct networks *set, struct str word)
{
	struct cidr net;
	if (str_eq(word, STR("unix"))) {
		set->local = true;
		return 0;
	}
	if (cidr_parse(word, &net) < 0)
		return -1;
	set->list = xgrow(set->list, &set->cap, set->n + 1, sizeof(*set->list));
	set->list[set->n++] = net;
	return 0;
}

int
networks_add(struct networks *set, struct str spec)
{
	while (spec.p)
		if (add_one(set, str_trim(str_cut(&spec, ','))) < 0)
			return -1;
	return 0;
}

bool
networks_have(const struct networks *set, const struct ip *ip)
{
	if (ip->family == 0)
		return set->local;
	for (size_t i = 0; i < set->n; i++)
		if (cidr_contains(&set->list[i], ip))
			return true;
	return false;
}

void
networks_release(struct networks *set)
{
	free(set->list);
	*set = (struct networks){0};
}
