# kind: not-zeroed
import torch
from torch import nn
torch.manual_seed(0)
class Fitter:
    def __init__(self, net): self.net, self.opt = net, torch.optim.SGD(net.parameters(), lr=0.02)
    def fit(self, X, Y, epochs=10):
        self.opt.zero_grad()  #!-
        for e in range(epochs):
            for x, y in zip(X.split(20), Y.split(20)):
                loss = nn.functional.mse_loss(self.net(x), y)
                loss.backward()  #+
                self.opt.step()  #!+ self.opt.zero_grad()
X = torch.randn(200, 4); Y = X[:, :1] * X[:, 1:2]
Fitter(nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 1))).fit(X, Y)
