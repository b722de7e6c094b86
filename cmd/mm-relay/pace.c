#include "num.h"
#include "pace.h"

#define SECOND_US 1000000
#define SLACK_US 20000 /* that may be made up for: timers are late */

int
pace_parse(struct str text, int64_t *gap_us)
{
	static const struct {
		struct str unit;
		int64_t us;
	} units[] = {{STR("s"), SECOND_US}, {STR("m"), INT64_C(60) * SECOND_US},
		{STR("h"), INT64_C(3600) * SECOND_US}};
	struct str unit = text, count = str_cut(&unit, '/');
	int n;
	if (num_int(count, 1, 1000000, &n) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (str_eq(unit, units[i].unit)) {
			*gap_us = units[i].us / n;
			return 0;
		}
	return -1;
}

int64_t
pace_wait(const struct pace *p, int64_t now_us)
{
	return p->gap_us && p->next_us > now_us ? p->next_us - now_us : 0;
}

void
pace_take(struct pace *p, int64_t now_us)
{
	int64_t slack = p->gap_us > SLACK_US ? p->gap_us : SLACK_US;
	int64_t due = p->next_us > now_us - slack ? p->next_us : now_us;
	p->next_us = due + p->gap_us;
}
