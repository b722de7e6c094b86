#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "source.h"

#define LOOK_EVERY_MS 1000

static int
load(struct source *s, struct problems *ps)
{
	char *file, *via;
	if (ruleset_find(s->operand, s->options->site, &file, &via, ps) < 0) {
		free(via);
		return -1;
	}
	free(s->file);
	s->file = file;
	watch_release(&s->watch);
	watch_add(&s->watch, file);
	if (via)
		watch_add(&s->watch, via);
	free(via);
	struct ruleset *set = ruleset_load(file, s->options, ps);
	if (!set)
		return -1;
	ruleset_unref(s->set);
	s->set = set;
	return 0;
}

int
source_open(struct source *s, const char *operand, const struct ruleset_options *options,
	struct problems *ps)
{
	*s = (struct source){
		.operand = operand, .options = options, .looked_ms = clock_mono_ms()};
	return load(s, ps);
}

static void
reload(struct source *s)
{
	struct problems ps = {0};
	int rc = load(s, &ps);
	problems_log(&ps);
	problems_release(&ps);
	if (rc == 0)
		log_info("rule set %s: read again, %s has changed", s->set->name, s->file);
	else
		log_error(
			"rule set %s: the changed file is broken, the old rules stay in force",
			s->set->name);
}

struct ruleset *
source_current(struct source *s)
{
	int64_t now = clock_mono_ms();
	if (now - s->looked_ms < LOOK_EVERY_MS)
		return s->set;
	s->looked_ms = now;
	if (watch_changed(&s->watch))
		reload(s);
	references_refresh(&s->set->references);
	return s->set;
}

void
source_close(struct source *s)
{
	ruleset_unref(s->set);
	free(s->file);
	watch_release(&s->watch);
}
