#include <inttypes.h>

#include "num.h"
#include "tap.h"

static void
u64(const char *text, uint64_t min, uint64_t max, bool good, uint64_t expected)
{
	uint64_t v = 77;
	int rc = num_u64(str_of(text), min, max, &v);
	ok(rc == (good ? 0 : -1) && v == (good ? expected : 77), "u64 \"%s\"", text);
}

static void
integer(const char *text, bool good, int expected)
{
	int v = 77;
	int rc = num_int(str_of(text), -100, 100, &v);
	ok(rc == (good ? 0 : -1) && v == (good ? expected : 77), "int \"%s\"", text);
}

static void
size(const char *text, bool good, uint64_t expected)
{
	uint64_t v = 77;
	int rc = num_size(str_of(text), 1ull << 40, &v);
	ok(rc == (good ? 0 : -1) && v == (good ? expected : 77), "size \"%s\"", text);
}

static void
duration(const char *text, bool good, int64_t expected)
{
	int64_t v = 77;
	int rc = num_duration(str_of(text), &v);
	ok(rc == (good ? 0 : -1) && v == (good ? expected : 77), "duration \"%s\"", text);
}

int
main(void)
{
	u64("0", 0, UINT64_MAX, true, 0);
	u64("18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX);
	u64("18446744073709551616", 0, UINT64_MAX, false, 0);
	u64("99999999999999999999999", 0, UINT64_MAX, false, 0);
	u64("5", 6, 10, false, 0);
	u64("11", 6, 10, false, 0);
	u64("", 0, 9, false, 0);
	u64(" 1", 0, 9, false, 0);
	u64("1 ", 0, 9, false, 0);
	u64("+1", 0, 9, false, 0);
	u64("0x1", 0, 9, false, 0);
	integer("-100", true, -100);
	integer("-101", false, 0);
	integer("100", true, 100);
	integer("--1", false, 0);
	integer("-", false, 0);
	integer("4294967297", false, 0);
	size("512", true, 512);
	size("64K", true, 65536);
	size("64k", true, 65536);
	size("10M", true, 10 << 20);
	size("1024G", true, 1ull << 40);
	size("1025G", false, 0);
	size("K", false, 0);
	size("", false, 0);
	size("18014398509481984K", false, 0);
	duration("30", true, 30000);
	duration("250ms", true, 250);
	duration("90s", true, 90000);
	duration("5m", true, 300000);
	duration("2h", true, 7200000);
	duration("7d", true, 604800000);
	duration("m", false, 0);
	duration("", false, 0);
	duration("-1s", false, 0);
	duration("1w", false, 0);
	duration("106751991168d", false, 0);
	return done();
}
