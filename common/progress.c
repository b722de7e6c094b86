#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "progress.h"

#define EVERY_MS 100
#define BAR 30

void
progress_start(struct progress *p)
{
	*p = (struct progress){.shown = isatty(STDERR_FILENO), .begun = clock_mono_ms()};
}

static void
bar(uint64_t octets, uint64_t all)
{
	static const char full[] = "##############################";
	int n = octets < all ? (int)((double)octets / (double)all * BAR) : BAR;
	fprintf(stderr, "[%-*.*s] %3d%%  ", BAR, n, full, n * 100 / BAR);
}

void
progress_show(struct progress *p, uint64_t messages, uint64_t octets, uint64_t octets_all)
{
	int64_t now;
	if (!p->shown || (now = clock_mono_ms()) - p->last < EVERY_MS)
		return;
	double seconds = (double)(now - p->begun + 1) / 1000;
	p->last = now;
	fputc('\r', stderr);
	if (octets_all)
		bar(octets, octets_all);
	fprintf(stderr, "%" PRIu64 " messages  %.0f/s  %.1f MB\033[K", messages,
		(double)messages / seconds, (double)octets / 1e6);
}

void
progress_clear(struct progress *p)
{
	if (p->shown && p->last)
		fputs("\r\033[K", stderr);
	p->last = 0;
}
