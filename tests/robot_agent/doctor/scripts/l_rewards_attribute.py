# reward-of-another-step
import torch
from torch.distributions import Categorical
torch.manual_seed(0)
class Agent:
    def __init__(self):
        self.net = torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2))
        self.opt = torch.optim.Adam(self.net.parameters(), lr=0.02)
        self.log_probs, self.rewards = [], []
    def act(self, s):
        dist = Categorical(logits=self.net(s)); a = dist.sample()
        self.log_probs.append(dist.log_prob(a))
        return a
    def learn(self):
        loss = 0.0
        mean = sum(self.rewards) / len(self.rewards)
        for log_prob, r in zip(self.log_probs, self.rewards):  #+
            loss = loss - log_prob * (r - mean)
        self.opt.zero_grad(); loss.backward(); self.opt.step()
        self.log_probs = []  #! self.log_probs, self.rewards = [], []
agent = Agent()
for episode in range(120):
    for t in range(12):
        s = torch.randn(3)
        a = agent.act(s)
        agent.rewards.append(float(a.item() == int(s[0] > 0)))  #+
    agent.learn()
