#include <stdlib.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "event_log.h"
#include "io.h"

json_t *
event_new(void)
{
	return json_pack("{s:I}", "event_timestamp", (json_int_t)clock_now_ms());
}

void
event_add(json_t *event, const char *key, struct str value)
{
	if (value.p)
		json_object_set_new(event, key, json_stringn(value.p, value.n));
}

void
event_add_field(json_t *event, const char *key, const struct record *r, const char *field)
{
	event_add(event, key, record_get(r, field));
}

void
event_add_client(json_t *event, const struct record *r)
{
	struct path path;
	event_add_field(event, "sender_ip_address", r, "client-ip");
	if (path_parse(record_get(r, "mail-from"), &path) == 0)
		event_add(event, "smtp_mail_from", path.address.p ? path.address : STR(""));
	event_add_field(event, "smtp_helo", r, "helo");
	event_add_field(event, "tls_protocol", r, "tls");
	event_add_field(event, "tls_cipher_suite", r, "tls-cipher");
}

void
event_write(json_t *event)
{
	struct buf line = {0};
	char *json = json_dumps(event, JSON_COMPACT);
	if (json) {
		buf_addf(&line, "%s\n", json);
		(void)io_write_all(STDERR_FILENO, line.p, line.n);
	}
	free(json);
	buf_release(&line);
	json_decref(event);
}
