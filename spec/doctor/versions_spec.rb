# frozen_string_literal: true

require_relative "../rails_helper"
require "tasker_core/doctor"

RSpec.describe TaskerCore::Doctor::Versions do
  healthy = { "Ruby" => "3.3.8", "Rails" => "7.2.4", "tasker-engine" => "0.1.0", "json" => "2.21.2", "connection_pool" => "2.5.5" }

  def check(versions, postgresql: 150_018)
    described_class.new(versions:, postgresql: -> { postgresql }).findings
  end

  it "is content with the versions that it was tested with" do
    findings = check(healthy)
    expect(findings.map(&:status)).to all(eq(:ok))
    expect(findings.map(&:text)).to eq(
      ["Ruby 3.3.8", "Rails 7.2.4", "tasker-engine 0.1.0", "PostgreSQL 15.18", "json 2.21.2", "connection_pool 2.5.5"]
    )
  end

  it "finds the versions of the running application" do
    expect(described_class.new.findings.map(&:status)).not_to include(:fail)
    expect(described_class.running).to include("Ruby" => RUBY_VERSION, "Rails" => Rails.version, "tasker-engine" => Tasker::VERSION)
  end

  {
    "Ruby" => "3.1.6", "Rails" => "7.1.5", "tasker-engine" => "0.1.1"
  }.each do |name, version|
    it "fails for #{name} #{version}, and says which is needed" do
      sick = check({ **healthy, name => version }).reject { |finding| finding.status == :ok }
      expect(sick.map(&:status)).to eq([:fail])
      expect(sick.first.text).to start_with("#{name} #{version}: ").and end_with("is needed")
      expect(sick.first.cure).to include(name)
    end
  end

  { "Ruby" => "3.4.1", "Rails" => "8.0.2" }.each do |name, version|
    it "warns of #{name} #{version}, which is not tested" do
      sick = check({ **healthy, name => version }).reject { |finding| finding.status == :ok }
      expect(sick.map(&:status)).to eq([:warn])
      expect(sick.first.text).to start_with("#{name} #{version}: tested with ")
    end
  end

  it "warns of PostgreSQL 16, which is not tested" do
    expect(check(healthy, postgresql: 160_004)).to include(
      have_attributes(status: :warn, text: "PostgreSQL 16.4: tested with ~> 15.0")
    )
  end

  it "fails for PostgreSQL 13" do
    expect(check(healthy, postgresql: 130_014)).to include(
      have_attributes(status: :fail, text: "PostgreSQL 13.14: >= 14 is needed")
    )
  end

  { "json" => "3.0.1", "connection_pool" => "3.0.2" }.each do |name, version|
    it "fails for #{name} #{version}, and says what to write into the Gemfile" do
      sick = check({ **healthy, name => version }).reject { |finding| finding.status == :ok }
      expect(sick).to contain_exactly(have_attributes(status: :fail, cure: %(Add `gem "#{name}", "< 3"` to the Gemfile.)))
    end
  end

  it "does not miss a gem that the application does not have" do
    expect(check(healthy.except("connection_pool")).map(&:status)).to all(eq(:ok))
  end
end
