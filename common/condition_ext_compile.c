#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "condition_compile.h"
#include "mem.h"

#define PROBLEM(x, at, ...) \
	json_problem((x)->ps, (x)->doc, at, false, PROBLEM_ERROR, __VA_ARGS__)

void
compile_regex(struct condition *c, const struct expression *x)
{
	struct json_at values = {.up = x->at, .key = "Values"};
	struct buf why = {0};
	c->subject = SUBJECT_REGEX;
	compile_values(c, json_object_get(x->json, "Values"));
	compile_text_attribute(c, x);
	c->subject = SUBJECT_REGEX;
	c->text_id = 0;
	c->regexes = xcalloc(c->n + 1, sizeof(*c->regexes));
	for (size_t i = 0; i < c->n; i++) {
		struct json_at here = {.up = &values, .index = i};
		c->regexes[i] =
			regex_new(c->values[i], !x->refs->settings.case_sensitive, &why);
		if (!c->regexes[i])
			PROBLEM(x, &here, "expected a regular expression: %s", buf_cstr(&why));
		buf_reset(&why);
	}
	buf_release(&why);
}

static int
minute_member(const struct expression *x, const char *key, int otherwise)
{
	struct str text = json_str(x->json, key);
	struct json_at here = {.up = x->at, .key = key};
	int minute = text.p ? week_minute_of_day(text) : otherwise;
	if (minute >= 0)
		return minute;
	PROBLEM(x, &here, "expected a time of day from 00:00 to 24:00");
	return otherwise;
}

static void
add_days(struct week *w, const json_t *days, int from, int until)
{
	static const char *const names[] = {
		"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"};
	for (int day = 0; day < 7; day++) {
		bool wanted = !days;
		for (size_t i = 0; i < json_array_size(days); i++)
			wanted = wanted ||
				 str_eq(json_text(json_array_get(days, i)), str_of(names[day]));
		if (wanted)
			week_add(w, day, from, until);
	}
}

static void
add_time_text(struct buf *b, const json_t *x, const char *zone)
{
	const json_t *days = json_object_get(x, "Days");
	struct str from = json_str(x, "From"), until = json_str(x, "Until");
	buf_addstr(b, "TIME");
	buf_addf(b, " %s", json_string_value(json_object_get(x, "Operator")));
	for (size_t i = 0; i < json_array_size(days); i++)
		buf_addf(b, "%s %s", i ? "," : "", json_string_value(json_array_get(days, i)));
	if (from.p || until.p)
		buf_addf(b, " %.*s-%.*s", STR_ARG(from.p ? from : STR("00:00")),
			STR_ARG(until.p ? until : STR("24:00")));
	buf_addf(b, " %s", zone);
}

void
compile_time(struct condition *c, const struct expression *x)
{
	struct json_at at = {.up = x->at, .key = "TimeZone"};
	struct str name = json_str(x->json, "TimeZone");
	char *zone = str_dup(name.p ? name : STR("UTC"));
	struct buf text = {0};
	c->subject = SUBJECT_TIME;
	c->zone = zone_open(zone);
	if (!c->zone)
		PROBLEM(x, &at, "expected a time zone such as Europe/Berlin, found \"%s\"",
			zone);
	c->week = xcalloc(1, sizeof(*c->week));
	add_days(c->week, json_object_get(x->json, "Days"), minute_member(x, "From", 0),
		minute_member(x, "Until", 24 * 60));
	add_time_text(&text, x->json, zone);
	c->text = xstrdup(buf_cstr(&text));
	buf_release(&text);
	free(zone);
}

void
compile_rate(struct condition *c, const struct expression *x)
{
	struct str key = json_str(json_object_get(x->json, "Evaluate"), "Attribute"),
		   op = json_str(x->json, "Operator");
	json_int_t value = json_integer_value(json_object_get(x->json, "Value")),
		   seconds = json_integer_value(json_object_get(x->json, "WindowSeconds"));
	struct json_at value_at = {.up = x->at, .key = "Value"},
		       window_at = {.up = x->at, .key = "WindowSeconds"};
	if (value < 0 || value > RATE_MAX_COUNT)
		PROBLEM(x, &value_at, "expected a number from 0 to %d", RATE_MAX_COUNT);
	if (seconds < 1 || seconds > 7 * 24 * 3600)
		PROBLEM(x, &window_at, "expected a number of seconds from 1 to 604800");
	compile_text_attribute(c, x);
	c->subject = SUBJECT_RATE;
	c->text_id = 0;
	c->negative = str_eq(op, STR("LESS_THAN_OR_EQUAL"));
	c->family = str_eq(key, STR("SOURCE_IP")) ? AF_UNSPEC + 1 : 0;
	c->id = c->family ? FACT_COUNT : c->id;
	c->most = value < 0 || value > RATE_MAX_COUNT ? 0 : (uint32_t)value;
	c->rate = rate_new(c->most, (int64_t)seconds * 1000);
	c->text = xasprintf("RATE of %.*s in %llds %.*s %u", STR_ARG(key), (long long)seconds,
		STR_ARG(op), c->most);
}

static void
compile_group(struct condition *c, const struct expression *x, const json_t *list,
	const char *words, const char *joint)
{
	struct buf text = {0};
	size_t n = list ? json_array_size(list) : 1;
	if (x->depth >= CONDITIONS_MAX_DEPTH || n > CONDITIONS_MAX_GROUP) {
		PROBLEM(x, x->at, "expected at most %d conditions, in groups at most %d deep",
			CONDITIONS_MAX_GROUP, CONDITIONS_MAX_DEPTH);
		n = 0;
	}
	c->all = (struct conditions){xcalloc(n + 1, sizeof(*c->all.list)), n};
	buf_addf(&text, "%s(", words);
	for (size_t i = 0; i < n; i++) {
		struct json_at item = {.up = x->at, .index = i};
		struct expression one = *x;
		one.json = list ? json_array_get(list, i) : x->json;
		one.at = list ? &item : x->at;
		one.depth++;
		compile_condition(&c->all.list[i], &one);
		buf_addf(&text, "%s%s", i ? joint : "", c->all.list[i].text);
	}
	buf_addc(&text, ')');
	c->text = xstrdup(buf_cstr(&text));
	buf_release(&text);
}

void
compile_any_of(struct condition *c, const struct expression *x)
{
	c->subject = SUBJECT_ANY_OF;
	compile_group(c, x, x->json, "", " or ");
}

void
compile_all_of(struct condition *c, const struct expression *x)
{
	c->subject = SUBJECT_ALL_OF;
	compile_group(c, x, x->json, "", " and ");
}

void
compile_not(struct condition *c, const struct expression *x)
{
	c->subject = SUBJECT_NOT;
	compile_group(c, x, NULL, "not ", "");
}
