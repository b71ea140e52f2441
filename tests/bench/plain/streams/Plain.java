import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Kafka Streams at the plain work: exactly_once_v2, in-memory store with its changelog, commits every 100 ms.
 *
 * <p>java -cp … Plain BOOTSTRAP NAME TOPIC OUTPUT THREADS FOLDER
 */
public final class Plain {
  public record Event(String id, int nummer, String tekst) {}

  public record Stand(int n, String id) {}

  public record Uit(String sleutel, String id, int n) {}

  private static final String STORE = "stand";
  private static final int LAST = 5;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectReader EVENTS = JSON.readerFor(Event.class);
  private static final ObjectReader STANDS = JSON.readerFor(Stand.class);
  private static final ObjectWriter STAND_WRITER = JSON.writerFor(Stand.class);
  private static final ObjectWriter UIT_WRITER = JSON.writerFor(Uit.class);

  private static final class Work implements Processor<byte[], byte[], byte[], byte[]> {
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<String, Stand> store;

    @Override
    public void init(ProcessorContext<byte[], byte[]> given) {
      context = given;
      store = given.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      Event event = read(EVENTS, record.value());
      String key = new String(record.key(), StandardCharsets.UTF_8);
      Stand former = store.get(key);
      Stand after = new Stand(former == null ? 1 : former.n() + 1, event.id());
      store.put(key, after);
      if (event.nummer() == LAST) {
        context.forward(record.withValue(write(UIT_WRITER, new Uit(key, event.id(), after.n()))));
      }
    }
  }

  private static <T> T read(ObjectReader reader, byte[] data) {
    try {
      return reader.readValue(data);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private static byte[] write(ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsBytes(value);
    } catch (JsonProcessingException error) {
      throw new UncheckedIOException(error);
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[1]);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, arguments[4]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[5]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "100");
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, "1");
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    settings.put(StreamsConfig.producerPrefix("compression.type"), "lz4");

    Serializer<Stand> serializer = (topic, data) -> data == null ? null : write(STAND_WRITER, data);
    Deserializer<Stand> deserializer = (topic, data) -> data == null ? null : read(STANDS, data);
    Topology topology = new Topology();
    topology.addSource("in", Serdes.ByteArray().deserializer(), Serdes.ByteArray().deserializer(), arguments[2]);
    topology.addProcessor("work", Work::new, "in");
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(STORE), Serdes.String(), Serdes.serdeFrom(serializer, deserializer)),
        "work");
    topology.addSink("out", arguments[3], Serdes.ByteArray().serializer(), Serdes.ByteArray().serializer(), "work");

    KafkaStreams streams = new KafkaStreams(topology, settings);
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  streams.close(java.time.Duration.ofSeconds(5));
                  ended.countDown();
                }));
    streams.start();
    ended.await();
  }
}
