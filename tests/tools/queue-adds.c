/* queue-adds RECORDS BATCH DIR: durable adds a second of mm-queue add, BATCH records
 * of 4 KiB at a time (the next batch is sent when the last one was acknowledged),
 * and those of a bare append and fdatasync of the same octets. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "log.h"
#include "mem.h"
#include "num.h"
#include "stream.h"

#define MESSAGE_SIZE 4096

static struct blob *message;

static struct record *
record_number(uint64_t i)
{
	struct record *r = record_new();
	record_addf(r, "id", "r%08llu", (unsigned long long)i);
	record_add(r, "received", STR("2026-11-22T10:00:00.123Z"));
	record_add(r, "client-ip", STR("192.0.2.7"));
	record_add(r, "helo", STR("mx.example.org"));
	record_add(r, "mail-from", STR("<alice@example.org>"));
	record_add(r, "rcpt-to", STR("<bob@x.example>"));
	record_set_body(r, blob_copy(message->p, message->n));
	return r;
}

static void
wait_ready(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};
	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
}

static void
send_batch(struct child *c, struct stream_writer *w, uint64_t from, uint64_t n)
{
	int rc;
	for (uint64_t i = 0; i < n; i++)
		stream_push(w, record_number(from + i));
	while ((rc = stream_flush(w, c->in)) > 0)
		wait_ready(c->in, POLLOUT);
	if (rc < 0)
		log_die(74, "cannot write to mm-queue: %s", strerror(errno));
}

static void
take_answers(struct child *c, struct stream_reader *in, uint64_t n)
{
	struct record *r;
	int rc;
	while (n > 0) {
		while (n > 0 && (rc = stream_next(in, &r)) > 0) {
			if (record_status(r) != STATUS_OK)
				log_die(74, "mm-queue says no");
			record_free(r);
			n--;
		}
		if (n == 0)
			return;
		ssize_t got = stream_fill(in, c->out);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			log_die(74, "mm-queue has ended");
		if (got < 0)
			wait_ready(c->out, POLLIN);
	}
}

static double
seconds_since(int64_t start)
{
	int64_t ms = clock_mono_ms() - start;
	return (double)(ms > 0 ? ms : 1) / 1000;
}

static double
adds(uint64_t records, uint64_t batch, const char *dir)
{
	struct child c;
	struct stream_writer out = {0};
	struct stream_reader in = {0};
	char *queue = xasprintf("%s/q", dir);
	char *argv[] = {(char[]){"mm-queue"}, (char[]){"add"}, queue, NULL};
	if (child_spawn(&c, argv, true) < 0)
		log_die(74, "cannot start mm-queue: %s", strerror(errno));
	int64_t start = clock_mono_ms();
	for (uint64_t at = 0; at < records; at += batch) {
		send_batch(&c, &out, at, batch);
		take_answers(&c, &in, batch);
	}
	double taken = seconds_since(start);
	child_stop(&c, 10000);
	stream_reader_release(&in);
	stream_writer_release(&out);
	free(queue);
	return (double)records / taken;
}

static double
appends(uint64_t records, uint64_t batch, const char *dir)
{
	char *path = xasprintf("%s/bare", dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	struct record *r = record_number(0);
	struct buf octets = {0};
	for (uint64_t i = 0; i < batch; i++) {
		buf_addf(&octets, "mail 1 %zu\n", r->body->n);
		buf_adds(&octets, buf_str(&r->head));
		buf_addc(&octets, '\n');
		buf_add(&octets, r->body->p, r->body->n);
	}
	int64_t start = clock_mono_ms();
	for (uint64_t at = 0; at < records; at += batch)
		if (write(fd, octets.p, octets.n) != (ssize_t)octets.n || fdatasync(fd) < 0)
			log_die(74, "cannot write %s: %s", path, strerror(errno));
	double taken = seconds_since(start);
	close(fd);
	unlink(path);
	free(path);
	buf_release(&octets);
	record_free(r);
	return (double)records / taken;
}

int
main(int argc, char **argv)
{
	uint64_t records, batch;
	char text[MESSAGE_SIZE];
	log_init("queue-adds");
	if (argc != 4 || num_u64(str_of(argv[1]), 1, 100000000, &records) < 0 ||
		num_u64(str_of(argv[2]), 1, 100000, &batch) < 0)
		log_die(64, "expected RECORDS BATCH DIR");
	memset(text, 'x', sizeof(text));
	memcpy(text, "Subject: x\r\n\r\n", strlen("Subject: x\r\n\r\n"));
	message = blob_copy(text, sizeof(text));
	records -= records % batch;
	double with = adds(records, batch, argv[3]), without = appends(records, batch, argv[3]);
	printf("%.0f %.0f\n", with, without);
	return 0;
}
