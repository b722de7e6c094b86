#include "clock.h"
#include "log.h"
#include "source.h"

#define CHECK_EVERY_MS 1000

static void
watch_files(struct policy_source *s)
{
	watch_release(&s->watch);
	for (size_t i = 0; i < 3; i++)
		if (s->policy->files[i])
			watch_add(&s->watch, s->policy->files[i]);
}

int
policy_source_open(
	struct policy_source *s, const char *dir, const char *operand, struct problems *ps)
{
	*s = (struct policy_source){
		.dir = dir, .operand = operand, .checked_ms = clock_mono_ms()};
	s->policy = policy_load(dir, operand, false, ps);
	if (!s->policy)
		return -1;
	watch_files(s);
	return 0;
}

void
policy_source_release(struct policy_source *s)
{
	policy_free(s->policy);
	watch_release(&s->watch);
	*s = (struct policy_source){0};
}

static void
reload(struct policy_source *s)
{
	struct problems ps = {0};
	struct policy *fresh = policy_load(s->dir, s->operand, false, &ps);
	if (fresh) {
		policy_free(s->policy);
		s->policy = fresh;
		watch_files(s);
		log_info("policy %s read again", fresh->name);
	} else {
		problems_log(&ps);
		log_error("policy %s stays as it was before", s->policy->name);
	}
	problems_release(&ps);
}

struct policy *
policy_source_current(struct policy_source *s)
{
	int64_t now = clock_mono_ms();
	if (now - s->checked_ms >= CHECK_EVERY_MS) {
		s->checked_ms = now;
		if (watch_changed(&s->watch))
			reload(s);
		references_refresh(&s->policy->refs);
	}
	return s->policy;
}
