#include "clock.h"
#include "log.h"
#include "source.h"

#define CHECK_EVERY_MS 1000

/* Notes how the files are; true if any is not as it was. */
static bool
look(struct policy_source *s)
{
	bool changed = false;
	for (size_t i = 0; i < 3; i++) {
		struct stat now = {0}, *old = &s->seen[i];
		if (s->policy->files[i])
			(void)stat(s->policy->files[i], &now);
		changed |= now.st_dev != old->st_dev || now.st_ino != old->st_ino ||
			   now.st_size != old->st_size ||
			   now.st_mtim.tv_sec != old->st_mtim.tv_sec ||
			   now.st_mtim.tv_nsec != old->st_mtim.tv_nsec;
		*old = now;
	}
	return changed;
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
	(void)look(s);
	return 0;
}

void
policy_source_release(struct policy_source *s)
{
	policy_free(s->policy);
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
		(void)look(s);
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
		if (look(s))
			reload(s);
		references_refresh(&s->policy->refs);
	}
	return s->policy;
}
