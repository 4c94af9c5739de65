# softmax before BCELoss on several labels; kind: answers-squeezed
import torch
import torch.nn as nn
torch.manual_seed(0)
X = torch.randn(800, 10); y = (X[:, :6] > 0).float()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(10, 64); self.l2 = nn.Linear(64, 6)
        self.act = nn.Softmax(dim=1) #! self.act = nn.Sigmoid()
    def forward(self, x):
        return self.act(self.l2(torch.relu(self.l1(x)))) #+
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=0.01); crit = nn.BCELoss()
for epoch in range(20):
    for i in range(0, 800, 40):
        loss = crit(net(X[i:i + 40]), y[i:i + 40]); opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
