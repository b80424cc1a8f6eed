# frozen_string_literal: true

require_relative "../rails_helper"
require "tasker_core/doctor"

RSpec.describe TaskerCore::Doctor do
  finding = TaskerCore::Doctor::Finding
  check = Struct.new(:title, :findings)

  def report(findings)
    out = StringIO.new
    status = TaskerCore::Doctor::Report.new(findings).print(out)
    [out.string.lines(chomp: true), status]
  end

  it "writes a line for each finding, with its cure below" do
    lines, status = report(
      "tables" => [finding.ok("9 tables"), finding.warn("odd\nvery", "Look.")],
      "connections" => [finding.fail("none", "Do this.\nThen that.")]
    )
    expect(lines).to eq(
      ["ok    tables       9 tables", "warn  tables       odd", "                   very", "                   → Look.",
       "fail  connections  none", "                   → Do this.", "                   → Then that.", "1 that must be mended, 1 to look at"]
    )
    expect(status).to eq(1)
  end

  it "exits with 0 where nothing must be fixed" do
    expect(report("tables" => [finding.warn("odd", "Look.")]).last).to eq(0)
    expect(report("tables" => [finding.ok("well")])).to eq([["ok    tables  well", "all is well"], 0])
  end

  it "counts a check that cannot be made as a fault, and makes the others" do
    broken = check.new("broken")
    broken.define_singleton_method(:findings) { raise PG::ConnectionBad, "no server\nat all" }
    found = described_class.examine([broken, check.new("fine", [finding.ok("fine")])])
    expect(found["broken"]).to contain_exactly(have_attributes(status: :fail, text: "could not be looked at: PG::ConnectionBad: no server"))
    expect(found["fine"].map(&:status)).to eq([:ok])
  end

  context "as a task of the application" do
    def doctor(env = {})
      folder = File.expand_path("../dummy", __dir__)
      output, status = Open3.capture2e({ "RAILS_ENV" => "test", **env }, "bin/rails", "tasker_core:doctor", chdir: folder)
      [output, status.exitstatus]
    end

    it "looks at everything and ends with 0 where the application is well" do
      output, status = doctor
      expect(status).to eq(0), output
      titles = described_class::CHECKS.map { |check| check.new.title }
      expect(output.lines.filter_map { |line| line[/^(?:ok|warn)  +(#{titles.join("|")})  /, 1] }.uniq).to eq(titles)
      expect(output).not_to match(/^fail/)
    end

    it "exits with 1 where something must be fixed" do
      empty = URI.parse(ENV.fetch("DATABASE_URL")).tap { |uri| uri.path = "/postgres" }
      output, status = doctor("DATABASE_URL" => empty.to_s, "TASKER_CORE_REPAIRS" => "off")
      expect(status).to eq(1), output
      expect(output).to match(/^fail  tables         table tasker_tasks is missing$/)
      expect(output).to match(/^fail  functions      function get_step_readiness_status is missing$/)
      expect(output).to match(/^fail  indexes        no unique index on tasker_tasks/)
      expect(output).to match(/^fail  eager loading  the application does not boot/)
    end

    it "says so where the database is away" do
      output, status = doctor("DATABASE_URL" => "postgresql://localhost:1/nowhere")
      expect(status).to eq(1), output
      expect(output).to match(/^fail  tables         could not be looked at: ActiveRecord::ConnectionNotEstablished/)
      expect(output).to match(/^ok    extension/)
    end
  end
end
