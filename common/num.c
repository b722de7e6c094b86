#include "num.h"

int
num_u64(struct str s, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	if (s.n == 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return -1;
	}
	if (v < min || v > max)
		return -1;
	*out = v;
	return 0;
}

int
num_int(struct str s, int min, int max, int *out)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	uint64_t v;
	if (num_u64(negative ? str_skip(s, 1) : s, 0, INT32_MAX, &v) < 0)
		return -1;
	int signed_v = negative ? -(int)v : (int)v;
	if (signed_v < min || signed_v > max)
		return -1;
	*out = signed_v;
	return 0;
}

int
num_size(struct str s, uint64_t max, uint64_t *out)
{
	unsigned shift = 0;
	if (s.n == 0)
		return -1;
	switch (ascii_lower(s.p[s.n - 1])) {
	case 'k':
		shift = 10;
		break;
	case 'm':
		shift = 20;
		break;
	case 'g':
		shift = 30;
		break;
	}
	if (shift)
		s.n--;
	uint64_t v;
	if (num_u64(s, 0, max >> shift, &v) < 0)
		return -1;
	*out = v << shift;
	return 0;
}

int
num_duration(struct str s, int64_t *out_ms)
{
	static const struct {
		struct str suffix;
		uint64_t ms;
	} units[] = {{STR("ms"), 1}, {STR("s"), 1000}, {STR("m"), 60000}, {STR("h"), 3600000},
		{STR("d"), 86400000}, {STR(""), 1000}};
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (!str_ends(s, units[i].suffix))
			continue;
		uint64_t v;
		if (num_u64(str_n(s.p, s.n - units[i].suffix.n), 0, INT64_MAX / units[i].ms,
			    &v) < 0)
			return -1;
		*out_ms = (int64_t)(v * units[i].ms);
		return 0;
	}
	return -1;
}
