#include <string.h>

#include "buf.h"
#include "mailmanager_terraform.h"

static const struct member *
member_of(const struct shape *s, const char *key, bool blocks)
{
	for (const struct member *m = s->members; m && m->name; m++)
		if (json_same_key(m->name, key))
			return m;
	for (const struct member *m = s->members; blocks && m && m->name; m++)
		if (m->shape->kind == SHAPE_LIST && json_singular_key(key, m->name))
			return m;
	return NULL;
}

static bool
is_object(const struct shape *s)
{
	return s->kind == SHAPE_STRUCT || s->kind == SHAPE_UNION;
}

/* Terraform has what is absent as null, an absent block as an empty list. */
static bool
is_absent(const struct member *m, const json_t *v, bool blocks)
{
	return json_is_null(v) || (blocks && m && is_object(m->shape) && json_is_array(v) &&
					  json_array_size(v) == 0);
}

static json_t *renamed(const struct shape *s, const json_t *v, bool blocks);

static json_t *
rename_members(const struct shape *s, const json_t *v, bool blocks)
{
	json_t *out = json_object(), *value;
	const char *key;
	json_object_foreach ((json_t *)v, key, value) {
		const struct member *m = member_of(s, key, blocks);
		if (is_absent(m, value, blocks))
			continue;
		json_object_set_new(out, m ? m->name : key,
			m ? renamed(m->shape, value, blocks) : json_deep_copy(value));
	}
	return out;
}

/* An object without members of its own is a string there: "{}". */
static json_t *
text_object(const struct shape *s, const json_t *v, bool blocks)
{
	json_t *parsed = json_loads(json_string_value(v), 0, NULL);
	json_t *out = parsed ? renamed(s, parsed, blocks) : json_deep_copy(v);
	json_decref(parsed);
	return out;
}

static json_t *
rename_elements(const struct shape *s, const json_t *v, bool blocks)
{
	json_t *out = json_array();
	for (size_t i = 0; i < json_array_size(v); i++)
		json_array_append_new(out, renamed(s->element, json_array_get(v, i), blocks));
	if (json_is_object(v))
		json_array_append_new(out, renamed(s->element, v, blocks));
	return out;
}

static json_t *
renamed(const struct shape *s, const json_t *v, bool blocks)
{
	bool list = s->kind == SHAPE_LIST;
	if (blocks && is_object(s) && json_is_array(v) && json_array_size(v) == 1)
		v = json_array_get(v, 0);
	if (is_object(s) && json_is_object(v))
		return rename_members(s, v, blocks);
	if (is_object(s) && !s->members[0].name && json_is_string(v))
		return text_object(s, v, blocks);
	if (list && (json_is_array(v) || (blocks && json_is_object(v))))
		return rename_elements(s, v, blocks);
	return json_deep_copy(v);
}

json_t *
terraform_awscc(const struct shape *shape, const json_t *resource)
{
	return renamed(shape, resource, false);
}

static void
move_member(json_t *o, const char *from, const char *to)
{
	json_t *value = json_object_get(o, from);
	if (value)
		(void)json_object_set(o, to, value);
	(void)json_object_del(o, from);
}

json_t *
terraform_aws(const struct shape *shape, const char *name, const json_t *resource)
{
	static const char *const own[] = {"Tags", "tags", "tags_all", "region", "arn",
		"created_date", "CreatedDate", "LastModificationDate", "created_timestamp",
		"last_updated_timestamp", "last_modified_timestamp", "timeouts", "provider",
		"depends_on", "lifecycle"};
	json_t *out = renamed(shape, resource, true);
	struct buf id = {0};
	buf_addf(&id, "%.*sId", (int)(strlen(name) - strlen("Name")), name);
	move_member(out, "name", name);
	move_member(out, "id", buf_cstr(&id));
	buf_release(&id);
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		(void)json_object_del(out, own[i]);
	return out;
}
