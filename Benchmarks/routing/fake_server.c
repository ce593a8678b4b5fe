// A chat server on loopback that costs the measured process nothing: it speaks OpenAI's format, streams as many chunks as
// the model's name says, and writes into each when it was sent.
//
//     fake_server            prints its port, serves until its standard input ends
//
// The model `fake-CHUNKS-MICROSECONDS` gets CHUNKS pieces of text with a pause before each; with a pause of 0 all are
// written at once. A piece is `ID:NUMBER:NANOSECONDS `, where ID is what stands between `<<` and `>>` in the prompt and
// NANOSECONDS is CLOCK_MONOTONIC just before the write.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { maxRequest = 1 << 20, maxID = 64 };

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int send_all(int connection, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t sent = send(connection, bytes, count, MSG_NOSIGNAL);
    if (sent <= 0) return 0;
    bytes += sent;
    count -= (size_t)sent;
  }
  return 1;
}

// One chunk of the transfer encoding that holds one event.
static size_t frame(char *out, size_t room, const char *event) {
  return (size_t)snprintf(out, room, "%zx\r\n%s\r\n", strlen(event), event);
}

#define CHUNK_START                                                                                          \
  "data: {\"id\":\"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWx\",\"object\":\"chat.completion.chunk\","                \
  "\"created\":1795396179,\"model\":\"fake\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_1a2b3c4d5e\"," \
  "\"choices\":[{\"index\":0,\"delta\":{"

static size_t text_chunk(char *out, size_t room, const char *id, long number) {
  char event[512];
  snprintf(
      event, sizeof event, CHUNK_START "%s\"content\":\"%s:%ld:%llu \"},\"logprobs\":null,\"finish_reason\":null}]}\n\n",
      number == 0 ? "\"role\":\"assistant\"," : "", id, number, (unsigned long long)now());
  return frame(out, room, event);
}

static size_t end_chunks(char *out, size_t room, long chunks) {
  char event[512];
  size_t length = frame(out, room, CHUNK_START "},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n");
  snprintf(
      event, sizeof event,
      "data: {\"id\":\"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWx\",\"object\":\"chat.completion.chunk\",\"created\":1795396179,"
      "\"model\":\"fake\",\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":%ld,"
      "\"total_tokens\":%ld,\"prompt_tokens_details\":{\"cached_tokens\":0}}}\n\n",
      chunks, chunks + 100);
  length += frame(out + length, room - length, event);
  length += frame(out + length, room - length, "data: [DONE]\n\n");
  return length + (size_t)snprintf(out + length, room - length, "0\r\n\r\n");
}

static int answer(int connection, const char *body) {
  static const char head[] =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
      "x-request-id: req_0123456789abcdef\r\n\r\n";
  long chunks = 1, pause = 0;
  const char *model = strstr(body, "fake-");
  if (model) sscanf(model, "fake-%ld-%ld", &chunks, &pause);
  char id[maxID] = "0";
  const char *start = strstr(body, "<<"), *end = start ? strstr(start, ">>") : NULL;
  if (end && end - start - 2 < maxID && end > start + 2) {
    memcpy(id, start + 2, (size_t)(end - start - 2));
    id[end - start - 2] = 0;
  }
  if (pause > 0) {
    char out[2048];
    if (!send_all(connection, head, sizeof head - 1)) return 0;
    for (long number = 0; number < chunks; number++) {
      usleep((useconds_t)pause);
      if (!send_all(connection, out, text_chunk(out, sizeof out, id, number))) return 0;
    }
    usleep((useconds_t)pause);
    return send_all(connection, out, end_chunks(out, sizeof out, chunks));
  }
  size_t room = 4096 + (size_t)chunks * 512, length = sizeof head - 1;
  char *out = malloc(room);
  if (!out) return 0;
  memcpy(out, head, length);
  for (long number = 0; number < chunks; number++) length += text_chunk(out + length, room - length, id, number);
  length += end_chunks(out + length, room - length, chunks);
  int sent = send_all(connection, out, length);
  free(out);
  return sent;
}

static void *serve(void *argument) {
  int connection = (int)(intptr_t)argument, one = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  char *buffer = malloc(maxRequest + 1);
  size_t filled = 0;
  while (buffer) {
    buffer[filled] = 0;
    char *blank = strstr(buffer, "\r\n\r\n");
    if (blank) {
      char *field = strcasestr(buffer, "\r\ncontent-length:");
      size_t length = field && field < blank ? (size_t)atol(field + 17) : 0;
      size_t whole = (size_t)(blank + 4 - buffer) + length;
      if (filled >= whole) {
        char kept = buffer[whole];
        buffer[whole] = 0;
        if (!answer(connection, blank + 4)) break;
        buffer[whole] = kept;
        memmove(buffer, buffer + whole, filled - whole);
        filled -= whole;
        continue;
      }
    }
    ssize_t count = recv(connection, buffer + filled, maxRequest - filled, 0);
    if (count <= 0) break;
    filled += (size_t)count;
  }
  free(buffer);
  close(connection);
  return NULL;
}

static void *listen_forever(void *argument) {
  int listener = (int)(intptr_t)argument;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  for (;;) {
    int connection = accept(listener, NULL, NULL);
    pthread_t thread;
    if (connection >= 0 && pthread_create(&thread, &attributes, serve, (void *)(intptr_t)connection) != 0)
      close(connection);
  }
  return NULL;
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 512) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
    perror("fake_server");
    return 1;
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  pthread_t thread;
  if (pthread_create(&thread, NULL, listen_forever, (void *)(intptr_t)listener) != 0) return 1;
  char byte;
  while (read(0, &byte, 1) > 0) continue;
  return 0;
}
