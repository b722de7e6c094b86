#include <stdlib.h>
#include <unistd.h>

#include "stream.h"
#include "tap.h"

static const char two[] = "mail 1 5\n"
			  "id: a1\n"
			  "x-unknown: k\xc3\xa4se \n"
			  "empty: \n"
			  "\n"
			  "ab\r\nc"
			  "mail 1 0\n"
			  "id: a2\n"
			  "\n";

/* Feeds in pieces of `step` octets; returns records read, or -1 with *offset. */
static int
read_all(const char *p, size_t n, size_t step, struct stream_reader *r, struct stream_writer *w)
{
	struct record *rec;
	int count = 0, rc = 0;
	for (size_t at = 0; at < n && rc >= 0; at += step) {
		stream_feed(r, p + at, step < n - at ? step : n - at);
		while ((rc = stream_next(r, &rec)) > 0) {
			count++;
			if (w)
				stream_push(w, rec);
			else
				record_free(rec);
		}
	}
	return rc < 0 || stream_end(r) < 0 ? -1 : count;
}

static void
round_trip(size_t step)
{
	struct stream_reader r = {0};
	struct stream_writer w = {0};
	int fds[2];
	char out[1024];
	is_int(read_all(two, sizeof(two) - 1, step, &r, &w), 2, "two records");
	ok(pipe(fds) == 0 && stream_flush(&w, fds[1]) == 0, "written");
	close(fds[1]);
	ssize_t n = read(fds[0], out, sizeof(out));
	close(fds[0]);
	is_strn(out, n > 0 ? (size_t)n : 0, two, "written as read");
	stream_reader_release(&r);
	stream_writer_release(&w);
}

static void
refused(const char *text, const char *expected)
{
	struct stream_reader r = {0};
	is_int(read_all(text, strlen(text), 4096, &r, NULL), -1, "refused");
	is_strn(r.error,
		strlen(expected) < strlen(r.error) ? strlen(expected) : strlen(r.error),
		expected, expected);
	stream_reader_release(&r);
}

static void
cut_anywhere(void)
{
	bool all = true;
	for (size_t n = 1; n < sizeof(two) - 1; n++) {
		struct stream_reader r = {0};
		int got = read_all(two, n, 4096, &r, NULL);
		bool between = n == (size_t)(strstr(two, "mail 1 0") - two);
		all = all && (between ? got == 1 : got == -1);
		if (!between && got != -1)
			printf("# cut at %zu gave %d\n", n, got);
		stream_reader_release(&r);
	}
	ok(all, "a stream cut at any byte is refused");
}

int
main(void)
{
	for (size_t step = 1; step < 9; step++)
		round_trip(step);
	round_trip(4096);
	cut_anywhere();
	refused("mial 1 5\n", "byte 1: ");
	refused("mail 2 5\n", "byte 5: ");
	refused("mail 1 05\n\nabcde", "byte 7: ");
	refused("mail 1 99999999999\n\n", "byte 7: ");
	refused("mail 1 0\nID: x\n\n", "byte 9: ");
	refused("mail 1 0\nid x\n\n", "byte 11: ");
	refused("mail 1 0\nid:x\n\n", "byte 11: ");
	refused("mail 1 0\nid: a\rb\n\n", "byte 14: ");
	refused("mail 1 0\nid: \xc0\x80\n\n", "byte 13: ");
	refused("mail 1 0\nid: \xc2\x85\n\n", "byte 13: ");
	refused("mail 1 0\nid: a\n\nx", "byte 17: ");
	return done();
}
