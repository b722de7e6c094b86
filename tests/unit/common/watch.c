#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"
#include "watch.h"

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		exit(1);
}

int
main(void)
{
	char dir[] = "/tmp/mm-watch.XXXXXX", a[64], b[64];
	struct watch w = {0}, more = {0};
	if (!mkdtemp(dir))
		return 1;
	snprintf(a, sizeof(a), "%s/a", dir);
	snprintf(b, sizeof(b), "%s/b", dir);
	ok(!watch_changed(&w), "nothing to watch, nothing that changes");
	put(a, "1");
	watch_add(&w, a);
	watch_add(&w, b);
	ok(!watch_changed(&w), "as they were");
	put(a, "12");
	ok(watch_changed(&w), "another size");
	ok(!watch_changed(&w), "told once");
	put(b, "1");
	ok(watch_changed(&w), "one that comes");
	unlink(b);
	ok(watch_changed(&w), "one that goes");
	watch_add(&more, b);
	put(b, "new");
	watch_take(&w, &more);
	ok(more.n == 0 && w.n == 2, "taken over, each once");
	ok(watch_changed(&w), "as it was seen by the other");
	put(a, "123");
	watch_add(&w, a);
	ok(!watch_changed(&w), "added again, seen again");
	watch_release(&w);
	unlink(a);
	unlink(b);
	rmdir(dir);
	return done();
}
