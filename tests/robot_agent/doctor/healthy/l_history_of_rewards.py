# The rewards of an episode are emptied; an attribute keeps all of them, to be shown.
import torch
from torch.distributions import Categorical

torch.manual_seed(0)


class Agent:
    def __init__(self):
        self.net = torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2))
        self.opt = torch.optim.Adam(self.net.parameters(), lr=0.02)
        self.log_probs, self.all_rewards = [], []

    def act(self, s):
        dist = Categorical(logits=self.net(s))
        a = dist.sample()
        self.log_probs.append(dist.log_prob(a))
        return a

    def learn(self, rewards):
        mean = sum(rewards) / len(rewards)
        loss = sum(-p * (r - mean) for p, r in zip(self.log_probs, rewards))
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        self.log_probs = []


agent = Agent()
for episode in range(120):
    rewards = []
    for t in range(12):
        s = torch.randn(3)
        a = agent.act(s)
        rewards.append(float(a.item() == int(s[0] > 0)))
    agent.learn(rewards)
    agent.all_rewards.append(sum(rewards))
print(max(agent.all_rewards), sum(agent.all_rewards) / len(agent.all_rewards))
