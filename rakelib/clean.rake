# frozen_string_literal: true

desc "Remove what builds and test runs leave behind; gems and the database cluster stay"
task :clean do
  sh "cargo clean"
  rm_rf FileList["lib/tasker_core/*.{so,bundle}", "pkg", "coverage", "spec/examples.txt", "spec/dummy/{log,tmp,db}"]
end
