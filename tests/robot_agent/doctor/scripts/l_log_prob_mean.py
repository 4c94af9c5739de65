# reward-of-another-step
import torch
from torch.distributions import Categorical
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for episode in range(150):
    s = torch.randn(20, 3)
    dist = Categorical(logits=net(s)); action = dist.sample()
    returns = (action == (s[:, 0] > 0).long()).float()
    returns = (returns - returns.mean()) / (returns.std() + 1e-6)
    log_prob = dist.log_prob(action).mean()  #! log_prob = dist.log_prob(action)
    loss = -(log_prob * returns).sum()  #+
    opt.zero_grad(); loss.backward(); opt.step()
