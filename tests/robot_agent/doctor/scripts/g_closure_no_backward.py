# closure without backward; kind: no-backward
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(300, 3); y = x[:, :1].sin()
net = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1)); opt = torch.optim.LBFGS(net.parameters(), lr=0.1)
def closure():
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)  #!+ loss.backward()
    return loss  #+
for i in range(20):
    opt.step(closure)  #+
