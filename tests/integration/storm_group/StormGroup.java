// A real Storm KafkaSpout in a group, for the tests of positions: StormGroup BROKERS TOPIC GROUP STOP.
// Prints `partition offset` of each tuple; acks what has an offset below STOP, and leaves the rest without a verdict. Ends with stdin.
package sparse.integration;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.storm.Config;
import org.apache.storm.LocalCluster;
import org.apache.storm.kafka.spout.KafkaSpout;
import org.apache.storm.kafka.spout.KafkaSpoutConfig;
import org.apache.storm.task.OutputCollector;
import org.apache.storm.task.TopologyContext;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.TopologyBuilder;
import org.apache.storm.topology.base.BaseRichBolt;
import org.apache.storm.tuple.Tuple;

public final class StormGroup {
  private StormGroup() {}

  static final class Reader extends BaseRichBolt {
    private final long stop;
    private OutputCollector out;

    Reader(long stop) { this.stop = stop; }
    @Override public void prepare(Map<String, Object> config, TopologyContext context, OutputCollector collector) { out = collector; }
    @Override public void execute(Tuple tuple) {
      long offset = tuple.getLongByField("offset");
      synchronized (System.out) {
        System.out.println(tuple.getIntegerByField("partition") + " " + offset);
        System.out.flush();
      }
      if (offset < stop) out.ack(tuple);
    }
    @Override public void declareOutputFields(OutputFieldsDeclarer declarer) {}
  }

  public static void main(String[] words) throws Exception {
    KafkaSpoutConfig<String, String> spout = KafkaSpoutConfig.builder(words[0], words[1])
                                                 .setProp(ConsumerConfig.GROUP_ID_CONFIG, words[2])
                                                 .setOffsetCommitPeriodMs(200)
                                                 .build();
    TopologyBuilder builder = new TopologyBuilder();
    builder.setSpout("spout", new KafkaSpout<>(spout), 2);
    builder.setBolt("reader", new Reader(Long.parseLong(words[3]))).shuffleGrouping("spout");
    Map<String, Object> daemons = new HashMap<>();
    daemons.put("storm.metricstore.class", "org.apache.storm.metricstore.NoOpMetricStore");
    daemons.put("storm.metricprocessor.class", "org.apache.storm.metricstore.NimbusMetricProcessor");
    daemons.put("storm.local.hostname", "localhost");
    LocalCluster cluster = new LocalCluster.Builder().withDaemonConf(daemons).build();
    Config config = new Config();
    config.setNumAckers(1);
    config.setMessageTimeoutSecs(300);
    cluster.submitTopology("storm-group", config, builder.createTopology());
    while (System.in.read() >= 0) continue;
    Runtime.getRuntime().halt(0);
  }
}
