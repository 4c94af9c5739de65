# kind: reward-constant
import torch
from torch import nn
torch.manual_seed(0)
class Env:
    goal = 1.0
    def step(self, a):
        hit = torch.zeros(len(a), dtype=torch.bool)  #! hit = a == 1
        return hit.float()  #+
net = nn.Linear(2, 3); opt = torch.optim.Adam(net.parameters(), 0.05); env = Env()
for i in range(60):
    d = torch.distributions.Categorical(logits=net(torch.randn(32, 2))); a = d.sample(); reward = env.step(a)
    loss = (-d.log_prob(a) * reward).mean()  #+
    opt.zero_grad(); loss.backward(); opt.step()
