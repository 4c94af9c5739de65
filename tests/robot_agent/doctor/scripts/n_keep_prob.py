# keep probability of TensorFlow given as p; kind: dropout-too-high
import torch
import torch.nn as nn
torch.manual_seed(0)
X = torch.randn(600, 20); y = (X[:, :3].prod(1) > 0).long()
KEEP_PROB = 0.8
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.f1 = nn.Linear(20, 64); self.f2 = nn.Linear(64, 64); self.f3 = nn.Linear(64, 2)
        self.drop = nn.Dropout(KEEP_PROB) #! self.drop = nn.Dropout(1 - KEEP_PROB)
    def forward(self, x):
        x = self.drop(torch.relu(self.f1(x)))
        x = self.drop(torch.relu(self.f2(x)))
        return self.f3(x)
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=0.003)
for epoch in range(40):
    for i in range(0, 600, 50):
        loss = nn.functional.cross_entropy(net(X[i:i + 50]), y[i:i + 50])
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
