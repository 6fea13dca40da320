// The Kafka side of the bench: Storm's own spout and bolt, with counters where the trees end.
package sparse.bench;

import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.storm.kafka.bolt.KafkaBolt;
import org.apache.storm.kafka.bolt.mapper.TupleToKafkaMapper;
import org.apache.storm.kafka.bolt.selector.DefaultTopicSelector;
import org.apache.storm.kafka.spout.FirstPollOffsetStrategy;
import org.apache.storm.kafka.spout.KafkaSpout;
import org.apache.storm.kafka.spout.KafkaSpoutConfig;
import org.apache.storm.spout.SpoutOutputCollector;
import org.apache.storm.task.TopologyContext;
import org.apache.storm.tuple.Fields;
import org.apache.storm.tuple.Tuple;
import org.apache.storm.tuple.Values;

final class KafkaComponents {
  private KafkaComponents() {}

  /** From the first message on, values alone, at least once; as it comes, but for what is said here. */
  static final class Source extends KafkaSpout<String, String> {
    private long acked, failed;
    private int slot, failedSlot;

    Source(String brokers, String topic, String group) {
      super(KafkaSpoutConfig.builder(brokers, topic)
                .setProp(ConsumerConfig.GROUP_ID_CONFIG, group)
                .setProcessingGuarantee(KafkaSpoutConfig.ProcessingGuarantee.AT_LEAST_ONCE)
                .setFirstPollOffsetStrategy(FirstPollOffsetStrategy.UNCOMMITTED_EARLIEST)
                .setRecordTranslator(record -> new Values(record.value()), new Fields("value"))
                .build());
    }
    @Override public void open(Map<String, Object> config, TopologyContext context, SpoutOutputCollector collector) {
      super.open(config, context, collector);
      slot = Components.acks.slot();
      failedSlot = Components.failures.slot();
    }
    @Override public void ack(Object message) {
      super.ack(message);
      Components.acks.set(slot, ++acked);
    }
    @Override public void fail(Object message) {
      super.fail(message);
      Components.failures.set(failedSlot, ++failed);
    }
  }

  static final class WordAndCount implements TupleToKafkaMapper<String, String> {
    @Override public String getKeyFromTuple(Tuple tuple) { return tuple.getString(0); }
    @Override public String getMessageFromTuple(Tuple tuple) { return tuple.getInteger(1).toString(); }
  }

  /** Asynchronous, as it comes; acknowledged by all replicas, with batches as large as suit it. */
  static KafkaBolt<String, String> sink(String brokers, String topic) {
    Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
    properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, "5");
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, "131072");
    return new KafkaBolt<String, String>()
        .withProducerProperties(properties)
        .withTopicSelector(new DefaultTopicSelector(topic))
        .withTupleToKafkaMapper(new WordAndCount());
  }
}
