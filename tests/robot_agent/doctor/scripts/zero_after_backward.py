# kind: zeroed-before-step
import torch
from torch import nn
torch.manual_seed(0)
class Trainer:
    def __init__(self, net, lr):
        self.net = net
        self.opt = torch.optim.Adam(net.parameters(), lr=lr)
    def fit(self, x, y, epochs):
        for _ in range(epochs):
            loss = nn.functional.mse_loss(self.net(x), y)
            loss.backward()
            self.opt.zero_grad()  #!-
            self.opt.step()  #!+ self.opt.zero_grad()
        return loss.item()
x = torch.randn(100, 2)
y = x[:, :1] - 2 * x[:, 1:]
loss = Trainer(nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1)), 0.02).fit(x, y, 200)
print("score", 1 - loss / y.var().item())
